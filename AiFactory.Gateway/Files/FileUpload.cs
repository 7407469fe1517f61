using System.Globalization;
using System.Text;
using AiFactory.Gateway.OpenAI;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace AiFactory.Gateway.Files;

/// <summary>
/// The parts of an upload, in whatever order they come: OpenAI's client for JavaScript sends the file before its purpose, so the bytes are stored before it is known
/// whether they are wanted.
/// <code>
/// --boundary
/// Content-Disposition: form-data; name="file"; filename="in.jsonl"
///
/// {"custom_id":"a",...}
/// --boundary
/// Content-Disposition: form-data; name="purpose"
///
/// batch
/// --boundary--
/// </code>
/// </summary>
internal sealed class FileUpload
{
    /// <summary>What a form has beside the file.</summary>
    public const int FormBytes = 64 * 1024;

    private const int LongestField = 256;
    private const int LongestName = 512;
    private const int MostParts = 16;

    private const string Anchor = "expires_after[anchor]";
    private const string Seconds = "expires_after[seconds]";

    private readonly Dictionary<string, string> _fields = new(StringComparer.Ordinal);

    public string? Filename { get; private set; }

    public string? Purpose => _fields.GetValueOrDefault("purpose");

    /// <summary>Reads to the end of the form.</summary>
    /// <param name="store">Takes the bytes of the file, once.</param>
    public static async Task<(FileUpload Upload, OpenAIError? Error)> ReadAsync(HttpRequest request, FormFile file, Func<Stream, Task> store, CancellationToken cancellationToken)
    {
        var upload = new FileUpload();
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
            || !type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase)
            || HeaderUtilities.RemoveQuotes(type.Boundary).Value is not { Length: > 0 and <= 200 } boundary)
        {
            return (upload, FileErrors.NotMultipart(file.Part));
        }

        if (request.ContentLength > file.Limit + FormBytes)
        {
            return (upload, file.TooLarge);
        }

        // The limit is counted here: the server's own would close the connection on a client that still sends.
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } body)
        {
            body.MaxRequestBodySize = null;
        }

        try
        {
            var reader = new MultipartReader(boundary, new FormPart(request.Body, file.Limit + FormBytes, file.TooLarge));
            for (var parts = 0; await NextAsync(reader, cancellationToken) is { } section; parts++)
            {
                if (parts == MostParts)
                {
                    return (upload, FileErrors.BadForm("it has too many parts."));
                }

                if (await upload.TakeAsync(section, file, store, cancellationToken) is { } error)
                {
                    return (upload, error);
                }
            }

            return (upload, upload.Filename is null ? FileErrors.MissingFile(file.Part) : null);
        }
        catch (FormException form)
        {
            return (upload, form.Error);
        }
        catch (InvalidDataException malformed)
        {
            return (upload, FileErrors.BadForm(malformed.Message));
        }
    }

    /// <summary>What is wrong with a file's name, in a sentence; null when nothing is.</summary>
    public static string? Complaint(string filename) => filename.Length > LongestName || filename.Any(char.IsControl) || filename.Any(char.IsSurrogate)
        ? $"the file's name must have at most {LongestName} characters, and none that cannot be printed."
        : null;

    private static async Task<MultipartSection?> NextAsync(MultipartReader reader, CancellationToken cancellationToken)
    {
        try
        {
            return await reader.ReadNextSectionAsync(cancellationToken);
        }
        catch (IOException broken)
        {
            throw new FormException(FileErrors.BrokenForm, broken);
        }
    }

    /// <summary>When it ends, by the form's word; null where the form says nothing.</summary>
    public OpenAIError? ReadExpiry(DateTimeOffset now, out DateTimeOffset? expiresAt)
    {
        expiresAt = null;
        var (anchor, seconds) = (_fields.GetValueOrDefault(Anchor), _fields.GetValueOrDefault(Seconds));
        if (anchor is null && seconds is null)
        {
            return null;
        }

        if (anchor != "created_at" || !int.TryParse(seconds, NumberStyles.None, CultureInfo.InvariantCulture, out var after) || after is < 3600 or > 2_592_000)
        {
            return FileErrors.BadExpiry;
        }

        expiresAt = now.AddSeconds(after);
        return null;
    }

    private async Task<OpenAIError?> TakeAsync(MultipartSection section, FormFile file, Func<Stream, Task> store, CancellationToken cancellationToken)
    {
        if (!ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var disposition) || HeaderUtilities.RemoveQuotes(disposition.Name).Value is not { } name)
        {
            return FileErrors.BadForm("a part has no name.");
        }

        if (name != file.Part)
        {
            return await TakeFieldAsync(name, new FormPart(section.Body, file.Limit, file.TooLarge), cancellationToken);
        }

        if (Filename is not null)
        {
            return FileErrors.BadForm("it has two files; upload one at a time.");
        }

        var filename = HeaderUtilities.RemoveQuotes(disposition.FileNameStar.HasValue ? disposition.FileNameStar : disposition.FileName).Value;
        if (string.IsNullOrEmpty(filename))
        {
            return FileErrors.MissingFile(file.Part);
        }

        if (Complaint(filename) is { } complaint)
        {
            return FileErrors.BadForm(complaint);
        }

        // A purpose that came first saves the storing.
        if (Purpose is { } purpose && purpose != FilePurposes.Batch)
        {
            return FileErrors.BadPurpose(purpose);
        }

        Filename = filename;
        await store(new FormPart(section.Body, file.Limit, file.TooLarge));
        return null;
    }

    private async Task<OpenAIError?> TakeFieldAsync(string name, Stream body, CancellationToken cancellationToken)
    {
        var bytes = new byte[LongestField + 1];
        var length = await body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken);
        if (length > LongestField)
        {
            return FileErrors.BadForm($"the part '{(name.Length > 40 ? name[..40] : name)}' is longer than {LongestField} bytes.");
        }

        _fields[name] = Encoding.UTF8.GetString(bytes, 0, length);
        return null;
    }
}
