// A product's page in one file.
import "./product.js";
import "./promise.js";
import "./recent.js";
import "./seen.js";
