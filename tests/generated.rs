//! What is generated and committed, compared with what the code generates now.
