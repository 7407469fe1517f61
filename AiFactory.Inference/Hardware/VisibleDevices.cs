using System.Globalization;

namespace AiFactory.Inference.Hardware;

/// <summary><c>CUDA_VISIBLE_DEVICES</c>: which GPUs a process may use, as <c>0,2</c>, <c>GPU-8932f937-...</c> or, of one that is divided, <c>MIG-...</c>. CUDA obeys it by itself; the metrics must not tell of others.</summary>
internal static class VisibleDevices
{
    /// <summary>Names and numbers, up to the first that is none, as CUDA reads it; null when all are visible.</summary>
    public static IReadOnlyList<string>? Parse(string? variable)
    {
        if (variable is null)
        {
            return null;
        }

        return [.. variable.Split(',', StringSplitOptions.TrimEntries).TakeWhile(name =>
            (int.TryParse(name, CultureInfo.InvariantCulture, out var index) && index >= 0) || name.StartsWith("GPU-", StringComparison.Ordinal) || name.StartsWith("MIG-", StringComparison.Ordinal))];
    }
}
