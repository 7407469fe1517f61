using AiFactory.Inference.Native;
using AiFactory.Inference.Weights.Gguf;

namespace AiFactory.Inference.Probe;

/// <summary>The path of a model a line in (of one in several files all of them, with tabs between them), what became of it a line out: <c>refused</c> by our check, <c>failed</c> by llama.cpp's own, or <c>used</c>: loaded, and a token computed.</summary>
internal static class Loads
{
    public static int Run(TextReader paths, TextWriter answers)
    {
        while (paths.ReadLine() is { } path)
        {
            answers.WriteLine(Try(path).ReplaceLineEndings(" "));
            answers.Flush();
        }

        return 0;
    }

    private static string Try(string path)
    {
        try
        {
            using var model = LlamaModel.Open(path.Split('\t'));
            Use(model);
            return "used";
        }
        catch (GgufException error)
        {
            return $"refused {error.Message}";
        }
        catch (LlamaException error)
        {
            return $"failed {error.Message}";
        }
    }

    /// <summary>What the worker does with every model: texts of control tokens, a text in tokens, and their logits or their embedding.</summary>
    private static void Use(LlamaModel model)
    {
        model.GetControlTexts();
        var isEncoder = model.Pooling() is 1 or 2 or 3;
        using var context = LlamaContext.Open(model, new LlamaContextOptions(64, 64, 64, 1, 1, 0, Embeddings: isEncoder, UnifiedCache: isEncoder));
        var tokens = model.Tokenize("Hello <|im_start|>, \u00e9\U0001f600\n\t 12", addSpecial: true, parseSpecial: true);
        var batch = new LlamaBatchBuffer(64);
        foreach (var token in tokens.Take(16))
        {
            batch.Add(token, batch.Count, 0, true);
        }

        if (batch.Count > 0 && context.Decode(batch) == LlamaDecodeResult.Done)
        {
            if (isEncoder)
            {
                context.GetSequenceEmbedding(0);
            }
            else
            {
                Span<byte> piece = stackalloc byte[256];
                model.GetPiece(tokens[0], piece);
            }
        }
    }

    private static int Pooling(this LlamaModel model) => model.GetMetadata("bert.pooling_type") is { } text && int.TryParse(text, out var pooling) ? pooling : 0;
}
