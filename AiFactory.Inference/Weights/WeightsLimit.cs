namespace AiFactory.Inference.Weights;

/// <summary>The most bytes that a file may have.</summary>
/// <param name="Setting">What says so.</param>
internal sealed record WeightsLimit(long Bytes, string Setting)
{
    /// <exception cref="WeightsException">It has more.</exception>
    public void Check(string name, long bytes)
    {
        if (bytes > Bytes)
        {
            throw new WeightsException($"'{name}' has {bytes} bytes; {Setting} allows {Bytes}.");
        }
    }
}
