namespace AiFactory.ModelLibrary.References;

internal static class ReferenceKinds
{
    internal const string Split = "split";
    internal const string Fallback = "fallback";
    internal const string Shadow = "shadow";
    internal const string Embeddings = "embeddings";
    internal const string Judge = "judge";
}
