import { caseOne } from "./case-1/life.js";
import { Setting } from "./case-1/setting.js";

// One lab for all of it: booting five machines is paid once.
caseOne(new Setting("test-dr"));
