using System.Buffers;

namespace AiFactory.Inference.Weights;

/// <summary>
/// Where one model lies: <c>s3://bucket/models/chat.gguf?digest=sha256:...</c>, <c>file:///models/chat.gguf</c>, <c>/models/chat.gguf</c>, or a folder with one model in it.
/// A model in several files has a digest for each, with commas between them. A bucket's keys are taken as they are, not percent-decoded, as aws and kserve take them.
/// </summary>
internal abstract record ModelUri(IReadOnlyList<string> Digests)
{
    private static readonly SearchValues<char> Hex = SearchValues.Create("0123456789abcdef");

    public sealed record S3(string Bucket, string ObjectKey, IReadOnlyList<string> Digests) : ModelUri(Digests);

    public sealed record Local(string Path, IReadOnlyList<string> Digests) : ModelUri(Digests);

    public sealed record Http(Uri Address, IReadOnlyList<string> Digests) : ModelUri(Digests);

    /// <summary>How the weights' source names it.</summary>
    public string Key => this switch
    {
        S3 s3 => s3.ObjectKey,
        Local local => local.Path,
        Http http => http.Address.AbsoluteUri,
        _ => throw new InvalidOperationException("The family is closed."),
    };

    /// <summary>A source's key as logs and errors may have it: the query of a web address may be a signature or a token.</summary>
    public static string WithoutSecrets(string key) =>
        key.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || key.StartsWith("https://", StringComparison.OrdinalIgnoreCase) ? key.Split('?', '#')[0] : key;

    /// <summary>A source's key without what a signed address has anew each time that it is signed: the file is the same, and need not be fetched again.</summary>
    public static string WithoutSignature(string key)
    {
        if (WithoutSecrets(key) is var address && address == key)
        {
            return key;
        }

        var rest = key[(address.Length + 1)..].Split('#')[0].Split('&').Where(part => !Signatures.Any(name => $"{part.Split('=')[0]}=".StartsWith(name, StringComparison.OrdinalIgnoreCase)));
        return $"{address}?{string.Join('&', rest)}";
    }

    /// <summary>How the parameters begin: of S3 (both versions), Google, CloudFront and Azure.</summary>
    private static readonly string[] Signatures = ["X-Amz-", "X-Goog-", "Signature", "Expires", "Policy", "Key-Pair-Id", "AWSAccessKeyId", "GoogleAccessId", "sig=", "se=", "st=", "sv=", "sr=", "sp=", "spr=", "ske=", "skoid=", "sks=", "skt=", "sktid=", "skv="];

    /// <summary>What the model is called where nobody gave it a name: its file, without what the format adds.</summary>
    public string DefaultName
    {
        get
        {
            var file = Path.GetFileName(Key.Split('?')[0].TrimEnd('/'));
            var name = SplitName.TryParse(file)?.Prefix ?? (file.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase) ? file[..^5] : file);
            return name.Length == 0 ? "model" : name;
        }
    }

    /// <summary>How many files it names; null for what may be a folder, into which nobody has looked yet.</summary>
    public int? FileCount => this is Local && (!Key.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase) || Directory.Exists(Key)) ? null : SplitName.TryParse(Key)?.Count ?? 1;

    /// <exception cref="FormatException">It is none; the message says what is wrong.</exception>
    public static ModelUri Parse(string text, bool allowHttp)
    {
        var (address, digest) = TakeDigests(text);
        var scheme = address.IndexOf("://", StringComparison.Ordinal) is > 0 and var end ? address[..end].ToLowerInvariant() : "";
        switch (scheme)
        {
            case "":
                return Path.IsPathFullyQualified(address) ? new Local(Path.GetFullPath(address), digest) : throw new FormatException($"'{address}' is no absolute path, and has none of the schemes s3, file, http and https");
            case "s3":
                var rest = address["s3://".Length..];
                return rest.IndexOf('/') is > 0 and var slash && slash < rest.Length - 1 ? new S3(rest[..slash], rest[(slash + 1)..], digest) : throw new FormatException($"'{address}' is not of the form s3://bucket/key");
            case "file":
                return Uri.TryCreate(address, UriKind.Absolute, out var file) && file.Host.Length == 0 ? new Local(Path.GetFullPath(file.LocalPath), digest) : throw new FormatException($"'{address}' is not of the form file:///path");
            case "http" or "https":
                return !allowHttp
                    ? throw new FormatException("http and https are off: set AIFACTORY_MODEL_ALLOW_HTTP=true (Serve:AllowHttp) to take weights from a web server")
                    : Uri.TryCreate(address, UriKind.Absolute, out var web) && web.UserInfo.Length == 0 ? new Http(web, digest) : throw new FormatException("it is no address of a web server, or holds a password");
            default:
                throw new FormatException($"the scheme '{scheme}' is not known; s3, file, http and https are, and a plain path");
        }
    }

    /// <summary>Whether it is <c>sha256:</c> and 64 digits of lower-case hex.</summary>
    public static bool IsDigest(string text) => text.StartsWith("sha256:", StringComparison.Ordinal) && text.Length == 71 && text.AsSpan(7).IndexOfAnyExcept(Hex) < 0;

    private static (string Address, IReadOnlyList<string> Digests) TakeDigests(string text)
    {
        const string Name = "digest=";
        var query = text.IndexOf('?');
        var parts = query < 0 ? [] : text[(query + 1)..].Split('&');
        if (Array.Find(parts, part => part.StartsWith(Name, StringComparison.Ordinal)) is not { } named)
        {
            return (text, []);
        }

        var digests = named[Name.Length..].Split(',');
        if (Array.Find(digests, digest => !IsDigest(digest)) is { } wrong)
        {
            throw new FormatException($"the digest '{wrong}' is none: sha256: and 64 digits of lower-case hex are expected");
        }

        var others = string.Join('&', parts.Where(part => part != named));
        return (others.Length == 0 ? text[..query] : $"{text[..query]}?{others}", digests);
    }
}
