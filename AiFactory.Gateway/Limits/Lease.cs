namespace AiFactory.Gateway.Limits;

/// <summary>What the database says to a gateway that asks for a part of a limit.</summary>
internal sealed record Lease
{
    /// <summary>Of the question in its list, from 1.</summary>
    public required long Place { get; init; }

    /// <summary>All that it has now, with what it has promised.</summary>
    public required long Granted { get; init; }

    /// <summary>What nobody has.</summary>
    public required long Elsewhere { get; init; }

    /// <summary>Whether it is less than was needed.</summary>
    public required bool Short { get; init; }

    /// <summary>Whether it is short, and all the others have given back what they do not use.</summary>
    public required bool Exhausted { get; init; }

    /// <summary>Whether another one needs what this one can do without.</summary>
    public required bool Demanded { get; init; }

    public required int Gateways { get; init; }
}
