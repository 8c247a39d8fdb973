// Says which kernels run, or why none do, and prints the bits of a sum that tells fused from separate rounding.
import { GatecastError } from '../../../lib/base/errors.ts';

try {
  const { isa, isas } = await import('../../../lib/network/isa.ts');
  const { RecurrentNetwork } = await import('../../../lib/network/recurrent-network.ts');
  const sizes = { inputSize: 1, hiddenSize: 1, projSize: 0, numLayers: 1, headSize: 1 };
  const network = new RecurrentNetwork(
    { cell: 'gru', linearBeforeReset: true, bias: true, bidirectional: false, ...sizes },
    { seed: 5 },
  );
  const h = network.forward({ shape: [1, 1], data: Float32Array.of(0.75) }).hidden.h.data[0]!;
  // The bias takes the rounded product away: what is left is the error of its rounding, or nothing.
  const weight = Math.fround(0.7);
  const dict = network.stateDict();
  dict['head.weight']!.data[0] = weight;
  dict['head.bias']!.data[0] = -Math.fround(weight * h);
  network.loadStateDict(dict);
  const answer = network.createState().step([0.75])[0]!;
  // The product of two 32-bit floats is exact in 64 bits.
  const fused = weight * h - Math.fround(weight * h);
  console.log(JSON.stringify({ isa: isa(), isas: isas(), answer, fused }));
} catch (error) {
  if (!(error instanceof GatecastError)) throw error;
  console.log(JSON.stringify({ code: error.code, message: error.message }));
}
