//! Tickets: which request an answer belongs to.

use std::fmt;

/// One request. Its answer carries it back; whoever waits for another one drops it. The default is nobody's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Ticket(u64);

impl fmt::Display for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ticket {}", self.0)
    }
}

/// Hands out tickets, each once.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tickets(u64);

impl Tickets {
    /// The next one, newer than all before.
    pub const fn issue(&mut self) -> Ticket {
        self.0 += 1;
        Ticket(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_ticket_is_newer_than_those_before_and_none_is_nobodys() {
        let mut tickets = Tickets::default();
        let (first, second) = (tickets.issue(), tickets.issue());
        assert!(Ticket::default() < first && first < second);
    }
}
