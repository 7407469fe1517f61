namespace AiFactory.Contracts.Builder.Flows;

/// <summary>What a port carries. An edge joins equal types; <c>any</c> takes and gives each, and a list is made of whatever is one: JSON, messages, passages.</summary>
public static class PortTypes
{
    public const string Text = "text";

    /// <summary>An array of <c>{"role":"user","content":"..."}</c>.</summary>
    public const string Messages = "messages";

    /// <summary>An array of <c>{"documentId":"...","documentName":"...","text":"...","start":0,"end":10,"score":0.5}</c>.</summary>
    public const string Passages = "passages";

    public const string Json = "json";

    /// <summary>An array, of anything. What comes as JSON turns out to be one, or not, when the step runs.</summary>
    public const string List = "list";

    public const string Boolean = "boolean";
    public const string Any = "any";
}
