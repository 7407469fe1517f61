namespace AiFactory.Gateway.Batches.Running;

/// <summary>In whose name a request is made that nobody waits for: set on its context, where no client can. Whether they still may is looked up for each request.</summary>
/// <param name="Subject">For example <c>key:0197...</c>.</param>
/// <param name="Line">Of the first key of its line of rotations: a successor goes on with the work.</param>
internal sealed record WorkOwner(string Subject, string Line)
{
    /// <summary>How many replicas broke the connection over this request, where it was refused at last.</summary>
    public int Breaks { get; set; }

    /// <summary>Whether a limit on requests at once refused this request.</summary>
    public bool IsCrowded { get; set; }
}
