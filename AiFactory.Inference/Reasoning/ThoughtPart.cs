namespace AiFactory.Inference.Reasoning;

internal enum ThoughtPart
{
    /// <summary>What the model thinks.</summary>
    Thought,

    /// <summary>What it answers.</summary>
    Answer,

    /// <summary>Marks around the two, and white space beside them.</summary>
    Mark,
}
