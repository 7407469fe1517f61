using System.Text.Json;
using System.Text.Json.Serialization;

namespace AiFactory.Gateway.Jobs;

/// <summary>An answer as the model's service wrote it: JSON, looked at when it was kept, and as deep as it is.</summary>
internal sealed class AnswerConverter : JsonConverter<byte[]>
{
    public override byte[] Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException("Answers are only written.");

    public override void Write(Utf8JsonWriter writer, byte[] value, JsonSerializerOptions options) => writer.WriteRawValue(value, skipInputValidation: true);
}
