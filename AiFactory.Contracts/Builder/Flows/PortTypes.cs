namespace AiFactory.Contracts.Builder.Flows;

/// <summary>What a port carries. An edge joins equal types; <c>any</c> takes and gives each.</summary>
public static class PortTypes
{
    public const string Text = "text";

    /// <summary>An array of <c>{"role":"user","content":"..."}</c>.</summary>
    public const string Messages = "messages";

    /// <summary>An array of <c>{"documentId":"...","documentName":"...","text":"...","start":0,"end":10,"score":0.5}</c>.</summary>
    public const string Passages = "passages";

    public const string Json = "json";
    public const string Boolean = "boolean";
    public const string Any = "any";
}
