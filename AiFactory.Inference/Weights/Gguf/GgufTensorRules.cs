using static AiFactory.Inference.Weights.Gguf.GgufBytes;

namespace AiFactory.Inference.Weights.Gguf;

/// <summary>The tensors against the sizes that the file states: of every architecture the table of tokens and the number of blocks, of the usual ones every block.</summary>
internal static class GgufTensorRules
{
    /// <summary>Dense, with tensors of these names and shapes.</summary>
    private static readonly HashSet<string> Usual = new(["llama", "qwen2", "qwen3", "bert"], StringComparer.Ordinal);

    public static void Check(GgufHeader header, string architecture, GgufShape shape, IReadOnlyDictionary<string, GgufTensor> tensors)
    {
        var vocabulary = header.Sequence(GgufMetadata.Tokens)?.Count ?? 0;
        if (!tensors.TryGetValue("token_embd.weight", out var table))
        {
            throw new GgufException("tensor 'token_embd.weight' is missing");
        }

        if (table.Dimension(1) < vocabulary)
        {
            throw new GgufException($"'token_embd.weight' has {Number(table.Dimension(1))} rows for {Number(vocabulary)} tokens");
        }

        var blocks = tensors.Keys.Select(name => name.Split('.', 3)).Where(name => name is ["blk", _, _] && int.TryParse(name[1], out _)).Select(name => name[1]).Distinct(StringComparer.Ordinal).Count();
        if (blocks < shape.Layers)
        {
            throw new GgufException($"block_count is {shape.Layers}, tensors are there for {blocks} blocks");
        }

        if (!Usual.Contains(architecture) || header.Integer($"{architecture}.expert_count") is > 0)
        {
            return;
        }

        Expect(tensors, "token_embd.weight", shape.Embedding, vocabulary);
        Expect(tensors, "output_norm.weight", shape.Embedding, 1);
        Expect(tensors, "output.weight", shape.Embedding, vocabulary);
        for (var layer = 0; layer < shape.Layers; layer++)
        {
            var queries = shape.Heads(layer) * shape.KeyLength;
            var (keys, values, wide) = (shape.KeyValueHeads(layer) * shape.KeyLength, shape.KeyValueHeads(layer) * shape.ValueLength, shape.FeedForward(layer));
            foreach (var (name, columns, rows) in ((string, long, long)[])
            [
                ("attn_norm.weight", shape.Embedding, 1), ("ffn_norm.weight", shape.Embedding, 1), ("attn_output_norm.weight", shape.Embedding, 1), ("layer_output_norm.weight", shape.Embedding, 1),
                ("attn_q.weight", shape.Embedding, queries), ("attn_k.weight", shape.Embedding, keys), ("attn_v.weight", shape.Embedding, values),
                ("attn_q.bias", queries, 1), ("attn_k.bias", keys, 1), ("attn_v.bias", values, 1), ("attn_output.bias", shape.Embedding, 1),
                ("attn_q_norm.weight", shape.KeyLength, 1), ("attn_k_norm.weight", shape.KeyLength, 1), ("attn_output.weight", queries, shape.Embedding),
                ("ffn_gate.weight", shape.Embedding, wide), ("ffn_up.weight", shape.Embedding, wide), ("ffn_down.weight", wide, shape.Embedding),
            ])
            {
                Expect(tensors, $"blk.{layer}.{name}", columns, rows);
            }
        }
    }

    /// <summary>A tensor that is there; what is missing is told by llama.cpp.</summary>
    private static void Expect(IReadOnlyDictionary<string, GgufTensor> tensors, string name, long columns, long rows)
    {
        if (tensors.TryGetValue(name, out var tensor) && (tensor.Dimension(0), tensor.Dimension(1), tensor.Dimension(2) * tensor.Dimension(3)) != (columns, rows, 1))
        {
            throw new GgufException(
                $"tensor '{name}' is {string.Join(" x ", tensor.Dimensions.Select(dimension => Number(dimension)))}, by the stated sizes it would be {Number(columns)} x {Number(rows)}");
        }
    }
}
