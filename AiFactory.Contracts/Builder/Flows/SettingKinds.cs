namespace AiFactory.Contracts.Builder.Flows;

/// <summary>How a form asks for a setting.</summary>
public static class SettingKinds
{
    public const string Text = "text";
    public const string LongText = "longText";
    public const string Number = "number";
    public const string Boolean = "boolean";
    public const string Select = "select";

    /// <summary>The name of a chat model that the project may call.</summary>
    public const string Model = "model";

    public const string KnowledgeBase = "knowledgeBase";
    public const string Json = "json";
    public const string Agent = "agent";

    /// <summary>The name of a flow of the project, which the step runs.</summary>
    public const string Flow = "flow";
}
