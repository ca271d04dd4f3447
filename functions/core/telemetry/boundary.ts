import * as z from 'zod';

/**
 * What a power reading covers. A ratio across two boundaries is refused: the same eight nodes read 3 % apart
 * before and after their power supplies.
 */
export const BoundarySchema = z.enum(['chip', 'module', 'node-dc', 'node-ac', 'switch', 'rack', 'facility']);
export type Boundary = z.infer<typeof BoundarySchema>;
