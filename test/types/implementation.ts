// lib/ is what types/ says: each subpath has every declared name, with a type that fits, and no other.
import { expectTypeOf } from "expect-type";
import * as index from "../../lib/index.js";
import * as processor from "../../lib/processor/index.js";
import * as schema from "../../lib/schema.js";
import type * as indexDeclaration from "../../types/index.js";
import type * as processorDeclaration from "../../types/processor.js";
import type * as schemaDeclaration from "../../types/schema.js";

index satisfies typeof indexDeclaration;
processor satisfies typeof processorDeclaration;
schema satisfies typeof schemaDeclaration;
// @ts-expect-error -- what does not fit is found
schema satisfies typeof indexDeclaration;

expectTypeOf<keyof typeof index>().toEqualTypeOf<keyof typeof indexDeclaration>();
expectTypeOf<keyof typeof processor>().toEqualTypeOf<keyof typeof processorDeclaration>();
expectTypeOf<keyof typeof schema>().toEqualTypeOf<keyof typeof schemaDeclaration>();
expectTypeOf<typeof schema>().toEqualTypeOf<typeof schemaDeclaration>();
