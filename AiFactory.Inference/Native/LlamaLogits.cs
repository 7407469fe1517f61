namespace AiFactory.Inference.Native;

/// <summary>The logits of a batch that was computed, in llama.cpp's memory: until the next one.</summary>
internal static unsafe class LlamaLogits
{
    /// <param name="index">A place of the batch that logits were asked for at.</param>
    /// <returns><c>[vocabulary]</c></returns>
    public static ReadOnlySpan<float> Of(LlamaContext context, LlamaBatchBuffer batch, int index, int vocabularySize)
    {
        var logits = batch.HasOutput(index)
            ? LlamaNative.llama_get_logits_ith(context.Pointer, index)
            : throw new ArgumentOutOfRangeException(nameof(index), index, "No logits were asked for there.");
        return logits is null ? throw new LlamaException("llama.cpp has no logits for the token.") : new ReadOnlySpan<float>(logits, vocabularySize);
    }
}
