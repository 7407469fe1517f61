using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using AiFactory.Gateway.Files;
using AiFactory.Gateway.SubRequests;

namespace AiFactory.Gateway.Batches.Running;

/// <summary>
/// The files that a batch leaves: what was answered, and what was not. Of a frozen batch they come out the same however often they are written.
/// <code>
/// {"id":"batch_req_..._1","custom_id":"a","response":{"status_code":200,"request_id":"batch_req_..._1","body":{...}},"error":null}
/// {"id":"batch_req_..._2","custom_id":"b","response":null,"error":{"code":"batch_expired","message":"..."}}
/// </code>
/// </summary>
internal sealed class ResultFiles(StageStore store, WorkObjects objects, FileObjects files)
{
    /// <summary>Rows of one page: their answers are at most <see cref="BatchOptions.InlineBytes"/> each.</summary>
    private const int AtOnce = 100;

    /// <returns>How many bytes it has.</returns>
    public async Task<long> WriteAsync(Guid id, BatchRow batch, bool completed, CancellationToken cancellationToken)
    {
        var pipe = new Pipe();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var writing = FillAsync(pipe.Writer, batch, completed, either.Token);
        try
        {
            await using var content = pipe.Reader.AsStream();
            return await files.PutAsync(id, content, cancellationToken);
        }
        finally
        {
            await either.CancelAsync();
            await writing;
        }
    }

    /// <summary>Throws nothing: what goes wrong here, the reader sees.</summary>
    private async Task FillAsync(PipeWriter writer, BatchRow batch, bool completed, CancellationToken cancellationToken)
    {
        Exception? failure = null;
        try
        {
            await using var json = new Utf8JsonWriter(writer, RelaxedJson.Options);
            for (var after = 0; ;)
            {
                var rows = await store.ResultsAsync(batch.Id, completed, after, AtOnce, cancellationToken);
                foreach (var row in rows)
                {
                    Write(json, batch.Id, await WithAnswerAsync(row, cancellationToken));
                    await json.FlushAsync(cancellationToken);
                    json.Reset();
                    writer.Write("\n"u8);
                    if ((await writer.FlushAsync(cancellationToken)).IsCompleted)
                    {
                        return;
                    }

                    after = row.Line;
                }

                if (rows.Count < AtOnce)
                {
                    return;
                }
            }
        }
        catch (Exception error)
        {
            failure = error;
        }
        finally
        {
            await writer.CompleteAsync(failure);
        }
    }

    private static void Write(Utf8JsonWriter json, Guid batch, ResultRow row)
    {
        var id = RequestRow.RequestIdOf(batch, row.Line);
        json.WriteStartObject();
        json.WriteString("id"u8, id);
        json.WriteString("custom_id"u8, row.CustomId);
        if (row.Answer is null)
        {
            json.WriteNull("response"u8);
        }
        else
        {
            json.WriteStartObject("response"u8);
            json.WriteNumber("status_code"u8, row.Status ?? 0);
            json.WriteString("request_id"u8, id);
            json.WritePropertyName("body"u8);
            json.WriteRawValue(row.Answer, skipInputValidation: true);
            json.WriteEndObject();
        }

        if (row.ErrorCode is null)
        {
            json.WriteNull("error"u8);
        }
        else
        {
            json.WriteStartObject("error"u8);
            json.WriteString("code"u8, row.ErrorCode);
            json.WriteString("message"u8, row.ErrorMessage);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    /// <summary>An answer whose object is lost is that line's end: waiting does not bring it back, and the others are there.</summary>
    private async Task<ResultRow> WithAnswerAsync(ResultRow row, CancellationToken cancellationToken)
    {
        if (row.AnswerObject is not { } key)
        {
            return row;
        }

        return await objects.ReadAsync(key, cancellationToken) is { } answer
            ? row with { Answer = answer }
            : row with { ErrorCode = "answer_missing", ErrorMessage = "The request was answered, and the answer is not in object storage any more." };
    }
}
