namespace AiFactory.Gateway.Guardrails.Texts;

/// <summary>What a string of a document is to rules.</summary>
internal enum TextKind
{
    Text,

    /// <summary>A text, unless it is short and of letters and digits, as an id or a role is.</summary>
    Mark,

    /// <summary>A text, unless it is an address or a file's bytes.</summary>
    File,

    /// <summary>A text that is JSON itself, as the arguments of a call are.</summary>
    Json,

    /// <summary>A list of it holds one text in parts.</summary>
    Parts,

    /// <summary>It repeats a text as tokens.</summary>
    Tokens,

    /// <summary>What a model gets by it no rule can tell.</summary>
    Unreadable,

    /// <summary>A number with so many digits that it may be somebody's.</summary>
    Number,

    /// <summary>It is not about the model's text at all.</summary>
    None,
}
