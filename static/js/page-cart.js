// The basket's page in one file.
import "./cart-page.js";
import "./promise.js";
import "./recent.js";
