using System.Text.Encodings.Web;
using System.Text.Json;

namespace AiFactory.Gateway.SubRequests;

/// <summary>How translated JSON is written: it is never put into HTML, and what it is made of was read, and its depth bounded, before.</summary>
internal static class RelaxedJson
{
    public static JsonWriterOptions Options { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true, MaxDepth = 1000 };
}
