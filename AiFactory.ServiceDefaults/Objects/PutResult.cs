namespace AiFactory.ServiceDefaults.Objects;

/// <summary>How a put ended.</summary>
public abstract record PutResult
{
    private PutResult()
    {
    }

    /// <summary>The stored object.</summary>
    /// <exception cref="InvalidOperationException">The condition did not hold. Only for puts without a condition.</exception>
    public Stored EnsureStored() => this as Stored ?? throw new InvalidOperationException("The object was not stored: its condition did not hold.");

    /// <param name="Sha256">Of the bytes that were written, 64 digits of lower-case hex.</param>
    public sealed record Stored(ObjectInfo Info, string Sha256) : PutResult;

    /// <summary>Nothing was changed: the key held something, or another version.</summary>
    public sealed record ConditionFailed : PutResult;
}
