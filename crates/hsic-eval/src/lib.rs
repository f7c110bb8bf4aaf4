//! stub tour
pub mod records;
