namespace AiFactory.Contracts.Builder.Knowledge;

public static class SearchModes
{
    /// <summary>By meaning and by words, fused by reciprocal rank.</summary>
    public const string Hybrid = "hybrid";

    /// <summary>By meaning alone.</summary>
    public const string Vector = "vector";

    /// <summary>By words alone; needs no model.</summary>
    public const string Text = "text";
}
