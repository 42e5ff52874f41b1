//! Vectors of a head in two dimensions: exactly, where it has two; else their two principal components.
//!
//! Principal components: the directions in which the points spread most, by the eigenvectors of their covariance
//! (Pearson 1901). What they explain is their share of the whole variance; the rest is hidden.

use nalgebra::{DMatrix, SymmetricEigen};

/// A point in the plane.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// To the right.
    pub x: f64,
    /// Upwards.
    pub y: f64,
}

/// Points in two dimensions, and how true that is.
#[derive(Debug, Clone, PartialEq)]
pub struct Plane {
    /// The points, in the order in which they were given.
    pub points: Vec<Point>,
    /// Where the origin lies, which is exact only where the plane is.
    pub origin: Point,
    /// Share of the variance in this plane; none where it is exact: the points have two dimensions.
    pub explained: Option<f64>,
    /// Whether another plane would be as good: the second and the third component explain the same.
    pub arbitrary: bool,
}

/// Points of any dimension in a plane: as they are in two dimensions or one, by their principal components in more. Each
/// component points to where its largest entry is positive, so that the same points always give the same picture.
pub fn principal(points: &[Vec<f64>]) -> Plane {
    let d = points.first().map_or(0, Vec::len);
    if d <= 2 {
        let at = |p: &Vec<f64>| Point { x: p.first().copied().unwrap_or(0.0), y: p.get(1).copied().unwrap_or(0.0) };
        return Plane {
            points: points.iter().map(at).collect(),
            origin: Point { x: 0.0, y: 0.0 },
            explained: None,
            arbitrary: false,
        };
    }
    let n = points.len() as f64;
    let mean: Vec<f64> = (0..d).map(|c| points.iter().map(|p| p[c]).sum::<f64>() / n).collect();
    let centred = DMatrix::from_fn(points.len(), d, |r, c| points[r][c] - mean[c]);
    let covariance = centred.transpose() * &centred / n;
    let total = covariance.trace();
    let eigen = SymmetricEigen::new(covariance);
    let mut order: Vec<usize> = (0..d).collect();
    order.sort_by(|&a, &b| eigen.eigenvalues[b].total_cmp(&eigen.eigenvalues[a]));
    let axis = |n: usize| {
        let column = eigen.eigenvectors.column(order[n]);
        let largest = column.iter().copied().fold(0.0_f64, |m, x| if x.abs() > m.abs() + 1e-12 { x } else { m });
        let sign = if largest < 0.0 { -1.0 } else { 1.0 };
        column.iter().map(|x| sign * x).collect::<Vec<f64>>()
    };
    let axes = [axis(0), axis(1)];
    let at = |p: &dyn Fn(usize) -> f64| {
        let along = |axis: &[f64]| axis.iter().enumerate().map(|(c, a)| (p(c) - mean[c]) * a).sum::<f64>();
        Point { x: along(&axes[0]), y: along(&axes[1]) }
    };
    let explained = (eigen.eigenvalues[order[0]] + eigen.eigenvalues[order[1]]) / total;
    let (second, third) = (eigen.eigenvalues[order[1]], eigen.eigenvalues[order[2]]);
    Plane {
        points: points.iter().map(|p| at(&|c| p[c])).collect(),
        origin: at(&|_| 0.0),
        arbitrary: third > 1e-9 * total && second - third <= 1e-6 * second,
        explained: Some(if total > 0.0 { explained } else { 1.0 }),
    }
}
