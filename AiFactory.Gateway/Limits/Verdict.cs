namespace AiFactory.Gateway.Limits;

/// <summary>What became of a request at one limit.</summary>
internal enum Verdict
{
    Reserved,

    /// <summary>There is not enough left, anywhere.</summary>
    Exhausted,

    /// <summary>Nobody knows: the database that knows is away.</summary>
    Unknown,
}
