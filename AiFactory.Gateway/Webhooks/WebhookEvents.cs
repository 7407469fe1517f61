using System.Text;
using System.Text.Json;
using AiFactory.Gateway.Batches;
using AiFactory.Gateway.Jobs;
using AiFactory.Gateway.Storage;
using AiFactory.Gateway.SubRequests;

namespace AiFactory.Gateway.Webhooks;

/// <summary>
/// What a webhook tells: that it has ended, and where to read how. The result itself is not sent, for it goes to whom the address belongs, and can be large.
/// <code>{"type":"job.succeeded","timestamp":"2026-11-22T10:00:00Z","data":{"id":"job_0197...","status":"succeeded","project":"default","url":"/api/jobs/job_0197..."}}</code>
/// Types of batches are OpenAI's.
/// </summary>
internal static class WebhookEvents
{
    /// <summary>Null where nobody asked to be told.</summary>
    /// <param name="status">How it ended.</param>
    /// <param name="failed">How many of its requests failed.</param>
    public static WebhookMessageRow? Of(BatchRow batch, string status, int failed, DateTimeOffset now)
    {
        if (batch.Webhook is not { } url)
        {
            return null;
        }

        var isJob = batch.Kind == BatchKinds.Job;
        var said = isJob ? JobStates.Ended(status, failed) : status;
        var id = PublicId.Of(isJob ? PublicId.Job : PublicId.Batch, batch.Id);
        var type = $"{(isJob ? "job" : "batch")}.{said}";
        using var payload = new MemoryStream();
        using (var json = new Utf8JsonWriter(payload, RelaxedJson.Options))
        {
            json.WriteStartObject();
            json.WriteString("type"u8, type);
            json.WriteString("timestamp"u8, now);
            json.WriteStartObject("data"u8);
            json.WriteString("id"u8, id);
            json.WriteString("status"u8, said);
            json.WriteString("project"u8, batch.Project);
            json.WriteString("url"u8, isJob ? $"/api/jobs/{id}" : $"/v1/batches/{id}");
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return new WebhookMessageRow
        {
            Id = Guid.CreateVersion7(now),
            Project = batch.Project,
            BatchId = batch.Id,
            Type = type,
            Url = url,
            Payload = Encoding.UTF8.GetString(payload.GetBuffer(), 0, (int)payload.Length),
            State = WebhookMessageRow.Waiting,
            Attempts = 0,
            NextAt = now,
            CreatedAt = now,
        };
    }
}
