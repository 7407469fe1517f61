namespace AiFactory.Inference.Engine.Sampling;

/// <summary>Memory for the choice of one token, as large as the vocabulary; all answers of an engine's thread use the same.</summary>
internal sealed class SamplingScratch
{
    [ThreadStatic]
    private static SamplingScratch? _ofThread;

    private SamplingScratch(int vocabularySize)
    {
        Logits = new float[vocabularySize];
        Held = new float[vocabularySize];
        Weights = new float[vocabularySize];
        Keys = new float[vocabularySize];
        Tokens = new int[vocabularySize];
    }

    public float[] Logits { get; }

    public float[] Held { get; }

    public float[] Weights { get; }

    public float[] Keys { get; }

    public int[] Tokens { get; }

    public static SamplingScratch Of(int vocabularySize) =>
        _ofThread is { } known && known.Logits.Length == vocabularySize ? known : _ofThread = new SamplingScratch(vocabularySize);
}
