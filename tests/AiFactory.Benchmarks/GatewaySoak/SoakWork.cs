using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace AiFactory.Benchmarks.GatewaySoak;

/// <summary>Files, batches and jobs, which leave nothing behind.</summary>
internal static class SoakWork
{
    private const int Lines = 10;
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(2);

    public static async Task<string> BatchAsync(SoakClient client, long number, CancellationToken stop)
    {
        var lines = Enumerable.Range(0, Lines).Select(line => $$"""{"custom_id":"{{line}}","method":"POST","url":"/v1/chat/completions","body":{{SoakKinds.Say("chat", line)}}}""");
        using var form = new MultipartFormDataContent { { new StringContent("batch"), "purpose" }, { new ByteArrayContent(Encoding.UTF8.GetBytes(string.Join('\n', lines))), "file", "in.jsonl" } };
        var (file, refused) = await SendAsync(client, number, HttpMethod.Post, "/v1/files", form, stop);
        if (refused is not null)
        {
            return refused;
        }

        var input = Text(file, "id");
        (var batch, refused) = await SendAsync(client, number, HttpMethod.Post, "/v1/batches", Json($$"""{"input_file_id":"{{input}}","endpoint":"/v1/chat/completions","completion_window":"24h"}"""), stop);
        (batch, refused) = refused is null ? await UntilAsync(client, number, $"/v1/batches/{Text(batch, "id")}", "status", ["completed", "failed", "expired", "cancelled"], stop) : (batch, refused);
        if (refused is not null || Text(batch, "status") != "completed" || batch["request_counts"]?["completed"]?.GetValue<int>() != Lines)
        {
            return refused ?? $"a batch that ended as {batch.ToJsonString()}";
        }

        client.Tally.WasWorked(Lines);
        var output = Text(batch, "output_file_id");
        using var read = SoakClient.Request(HttpMethod.Get, $"/v1/files/{output}/content", SoakPlan.Alpha, number);
        var (status, content) = await client.SendAsync(read, stop);
        if (status != 200 || !IsWhole(content))
        {
            return $"{status}: an output with other answers, of {content.Length} characters";
        }

        return await DeleteAsync(client, number, $"/v1/files/{input}", stop) ?? await DeleteAsync(client, number, $"/v1/files/{output}", stop) ?? SoakTally.Answered;
    }

    public static async Task<string> UploadAsync(SoakClient client, long number, CancellationToken stop)
    {
        const string part = "0123456789";
        var (upload, refused) = await SendAsync(
            client, number, HttpMethod.Post, "/v1/uploads", Json($$"""{"filename":"in.jsonl","purpose":"batch","mime_type":"application/jsonl","bytes":{{part.Length * 2}}}"""), stop);
        var parts = new List<string>();
        while (refused is null && parts.Count < 2)
        {
            using var form = new MultipartFormDataContent { { new ByteArrayContent(Encoding.UTF8.GetBytes(part)), "data", "part" } };
            (var one, refused) = await SendAsync(client, number, HttpMethod.Post, $"/v1/uploads/{Text(upload, "id")}/parts", form, stop);
            parts.Add($"\"{Text(one, "id")}\"");
        }

        if (refused is not null)
        {
            return refused;
        }

        (var whole, refused) = await SendAsync(client, number, HttpMethod.Post, $"/v1/uploads/{Text(upload, "id")}/complete", Json($$"""{"part_ids":[{{string.Join(',', parts)}}]}"""), stop);
        return refused ?? await DeleteAsync(client, number, $"/v1/files/{Text(whole, "file.id")}", stop) ?? SoakTally.Answered;
    }

    public static async Task<string> JobAsync(SoakClient client, long number, CancellationToken stop)
    {
        var (job, refused) = await SendAsync(client, number, HttpMethod.Post, "/api/jobs", Json($$"""{"url":"/v1/chat/completions","body":{{SoakKinds.Say("chat", number)}}}"""), stop, 202);
        var path = $"/api/jobs/{Text(job, "id")}";
        (job, refused) = refused is null ? await UntilAsync(client, number, path, "status", ["succeeded", "completed", "failed", "expired", "cancelled"], stop) : (job, refused);
        if (refused is not null || Text(job, "status") is not ("succeeded" or "completed") || !job.ToJsonString().Contains(SoakTexts.Whole(number, key: 0), StringComparison.Ordinal))
        {
            return refused ?? $"a job that ended as {job.ToJsonString()}";
        }

        client.Tally.WasWorked(1);
        return await DeleteAsync(client, number, path, stop) ?? SoakTally.Answered;
    }

    /// <summary>Whether each line has its own answer, once.</summary>
    private static bool IsWhole(string output)
    {
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)).ToDictionary(line => Text(line, "custom_id"));
        return lines.Count == Lines && Enumerable.Range(0, Lines).All(line =>
            lines.TryGetValue(line.ToString(CultureInfo.InvariantCulture), out var one) && one?.ToJsonString().Contains(SoakTexts.Whole(line, key: 0), StringComparison.Ordinal) == true);
    }

    private static async Task<(JsonNode Body, string? Refused)> UntilAsync(SoakClient client, long number, string path, string member, string[] ends, CancellationToken stop)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(Longest);
        while (true)
        {
            var (body, refused) = await SendAsync(client, number, HttpMethod.Get, path, null, limit.Token);
            if (refused is not null || ends.Contains(Text(body, member)))
            {
                return (body, refused);
            }

            await Task.Delay(Look, limit.Token);
        }
    }

    private static async Task<string?> DeleteAsync(SoakClient client, long number, string path, CancellationToken stop)
    {
        using var request = SoakClient.Request(HttpMethod.Delete, path, SoakPlan.Alpha, number);
        var (status, text) = await client.SendAsync(request, stop);
        return status is 200 or 204 ? null : SoakClient.Refusal(status, text);
    }

    private static async Task<(JsonNode Body, string? Refused)> SendAsync(SoakClient client, long number, HttpMethod method, string path, HttpContent? content, CancellationToken stop, int wanted = 200)
    {
        using var request = SoakClient.Request(method, path, SoakPlan.Alpha, number);
        request.Content = content;
        var (status, text) = await client.SendAsync(request, stop);
        return status == wanted ? (JsonNode.Parse(text) ?? new JsonObject(), null) : (new JsonObject(), SoakClient.Refusal(status, text));
    }

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");

    private static string Text(JsonNode? node, string path) => path.Split('.').Aggregate(node, (at, name) => at?[name])?.ToString() ?? "";
}
