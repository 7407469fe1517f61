using System.Text;

namespace AiFactory.ServiceDefaults.Objects;

/// <summary>The one rule for keys, the same for every store: what one takes, all take.</summary>
internal static class ObjectKey
{
    public const int MaximumBytes = 1024;

    /// <summary>File systems allow 255 bytes for a name.</summary>
    public const int MaximumSegmentBytes = 200;

    /// <summary>Begins the names that the directory store keeps for itself.</summary>
    public const string Reserved = ".aifactory";

    private static readonly Encoding StrictUtf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static void Validate(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (Complaint(key) is { } complaint)
        {
            throw new ObjectKeyException(key, complaint);
        }
    }

    /// <summary>A prefix may end anywhere, but what is before its last <c>/</c> is held to the rule of keys.</summary>
    public static void ValidatePrefix(string prefix)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        if (prefix.Length == 0)
        {
            return;
        }

        var folder = prefix.LastIndexOf('/');
        var complaint = CharactersComplaint(prefix)
            ?? (folder == 0 ? "it begins with '/'." : null)
            ?? (folder > 0 ? Complaint(prefix[..folder]) : null);
        if (complaint is not null)
        {
            throw new ObjectKeyException(prefix, complaint);
        }
    }

    private static string? Complaint(string key)
    {
        if (key.Length == 0)
        {
            return "it is empty.";
        }

        if (CharactersComplaint(key) is { } complaint)
        {
            return complaint;
        }

        if (key[0] == '/')
        {
            return "it begins with '/'.";
        }

        foreach (var range in key.AsSpan().Split('/'))
        {
            if (SegmentComplaint(key.AsSpan(range)) is { } segmentComplaint)
            {
                return segmentComplaint;
            }
        }

        return null;
    }

    private static string? SegmentComplaint(ReadOnlySpan<char> segment) => segment switch
    {
        [] => "it has an empty segment.",
        "." or ".." => "it has a segment '.' or '..'.",
        _ when segment.StartsWith(Reserved, StringComparison.OrdinalIgnoreCase) => $"names that begin with '{Reserved}' are kept for the store itself.",
        _ when Encoding.UTF8.GetByteCount(segment) > MaximumSegmentBytes => $"a segment is longer than {MaximumSegmentBytes} bytes.",
        _ => null,
    };

    private static string? CharactersComplaint(string key)
    {
        // 1024 characters are at least 1024 bytes: nothing longer is looked at.
        if (key.Length > MaximumBytes)
        {
            return $"it is longer than {MaximumBytes} bytes.";
        }

        foreach (var c in key)
        {
            if (char.IsControl(c))
            {
                return "it has a control character.";
            }

            if (c == '\\')
            {
                return "it has a '\\'; segments are separated by '/'.";
            }
        }

        try
        {
            return StrictUtf8.GetByteCount(key) > MaximumBytes ? $"it is longer than {MaximumBytes} bytes." : null;
        }
        catch (EncoderFallbackException)
        {
            return "it is not valid Unicode.";
        }
    }
}
