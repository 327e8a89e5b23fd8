// The checkout in one file.
import "./form.js";
import "./checkout.js";
import "./promise.js";
