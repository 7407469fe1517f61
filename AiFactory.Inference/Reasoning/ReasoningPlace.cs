namespace AiFactory.Inference.Reasoning;

/// <summary>Where an answer begins.</summary>
internal enum ReasoningPlace
{
    /// <summary>The model begins to think by itself, or answers at once.</summary>
    Before,

    /// <summary>The prompt has begun its thoughts.</summary>
    Inside,

    /// <summary>The prompt has ended them: it answers.</summary>
    Over,
}
