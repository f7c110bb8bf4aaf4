//! stub tour
pub mod published;
pub mod records;
