using System.Text.Json;
using AiFactory.Builder.Agents;
using AiFactory.Builder.Runs;
using AiFactory.Contracts.Builder.Threads;
using AiFactory.Contracts.Library;
using AiFactory.ServiceDefaults.Outcomes;
using AiFactory.ServiceDefaults.Postgres;
using Microsoft.Extensions.Options;

namespace AiFactory.Builder.Threads;

internal sealed class ThreadService(Database database, ThreadStore store, IOptions<ThreadOptions> options, TimeProvider time)
{
    internal const string User = "user";
    internal const string Assistant = "assistant";

    private const int LongestTitle = 200;
    private const int LongestContent = 32_000;
    private const int TitleFromMessage = 60;

    internal async Task<Outcome<Page<ThreadResponse>>> ListAsync(string project, string author, string? after, int? asked, CancellationToken cancellationToken)
    {
        if (!Paging.TryLimit(asked, out var limit))
        {
            return Paging.BadLimit<Page<ThreadResponse>>();
        }

        if (!Cursors.TryId(after, out var id))
        {
            return Paging.BadAfter<Page<ThreadResponse>>();
        }

        var rows = await store.ListAsync(project, author, id, limit + 1, cancellationToken);
        return Paging.Page(rows, limit, row => ToResponse(row, null), row => row.Id.ToString());
    }

    internal async Task<Outcome<ThreadResponse>> GetAsync(string project, string author, Guid id, CancellationToken cancellationToken) =>
        await store.FindAsync(project, author, id, cancellationToken) is { } row
            ? ToResponse(row, await store.ListMessagesAsync(id, cancellationToken))
            : Outcome<ThreadResponse>.Missed("thread", id);

    internal async Task<Outcome<ThreadResponse>> CreateAsync(string project, string author, ThreadRequest request, CancellationToken cancellationToken)
    {
        var errors = new FieldErrors();
        var title = AuthoredText.Clean(request.Title);
        errors.Require(title.Length <= LongestTitle, "title", $"A title has at most {LongestTitle} characters.");
        errors.Require(ThreadTarget.Parse(request.Target) is not null, "target", "Who answers is 'flow:<name>', 'agent:<name>' or 'model:<name>'.");
        if (errors.Any)
        {
            return errors.ToOutcome<ThreadResponse>();
        }

        var now = time.GetUtcNow();
        var row = new ThreadRow
        {
            Id = Guid.CreateVersion7(now),
            Project = project,
            Title = title.Length == 0 ? null : title,
            Target = AuthoredText.Clean(request.Target),
            CreatedBy = author,
            CreatedAt = now,
            UpdatedAt = now,
        };
        await store.InsertAsync(row, cancellationToken);
        return ToResponse(row, []);
    }

    internal async Task<Outcome<bool>> DeleteAsync(string project, string author, Guid id, CancellationToken cancellationToken) =>
        await store.DeleteAsync(project, author, id, cancellationToken) ? true : Outcome<bool>.Missed("thread", id);

    /// <summary>Keeps the message and takes the thread for its answer; a thread answers one message at a time.</summary>
    internal async Task<Outcome<ThreadTurn>> BeginAsync(string project, string author, Guid id, string? content, CancellationToken cancellationToken)
    {
        if (AuthoredText.Clean(content) is not { Length: >= 1 and <= LongestContent } question)
        {
            return FieldErrors.Of<ThreadTurn>("content", $"A message has 1 to {LongestContent} characters.");
        }

        if (await store.FindAsync(project, author, id, cancellationToken) is not { } thread || ThreadTarget.Parse(thread.Target) is not { } target)
        {
            return Outcome<ThreadTurn>.Missed("thread", id);
        }

        var now = time.GetUtcNow();
        var claim = Guid.CreateVersion7(now);
        await using var transaction = await database.BeginAsync(cancellationToken);
        if (!await store.ClaimAsync(transaction, id, claim, Title(question), now, options.Value.Lease, cancellationToken))
        {
            return new Outcome<ThreadTurn>.Conflict("The thread is answering another message: wait for it, or stop it.");
        }

        // Not given up from here on: who claims a thread must come to the point where it is given free.
        await store.AddMessageAsync(transaction, Message(id, User, question, now), CancellationToken.None);
        await transaction.CommitAsync(CancellationToken.None);
        var messages = await store.ListMessagesAsync(id, CancellationToken.None);
        return new ThreadTurn(claim, thread, target, Answered(messages), question, author);
    }

    /// <summary>False when the thread is not this answer's any more.</summary>
    internal Task<bool> RenewAsync(ThreadTurn turn, CancellationToken cancellationToken) => store.RenewAsync(turn.Thread.Id, turn.Claim, options.Value.Lease, cancellationToken);

    /// <summary>Gives the thread free, and keeps the answer if there is one. Null, and nothing is kept, when the thread is not this answer's any more.</summary>
    internal async Task<ThreadMessageResponse?> EndAsync(ThreadTurn turn, ThreadAnswer? answer, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        ThreadMessageRow? message = null;
        await using var transaction = await database.BeginAsync(cancellationToken);
        if (!await store.ReleaseAsync(transaction, turn.Thread.Id, turn.Claim, now, cancellationToken))
        {
            return null;
        }

        if (answer is not null)
        {
            message = Message(turn.Thread.Id, Assistant, answer.Text, now) with
            {
                RunId = answer.RunId,
                Steps = answer.Steps.Count > 0 ? StorableJson.Write(answer.Steps) : null,
                Passages = answer.Passages is { Count: > 0 } passages ? StorableJson.Write(passages) : null,
            };
            await store.AddMessageAsync(transaction, message, cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        return message is null ? null : ToResponse(message);
    }

    private static ThreadResponse ToResponse(ThreadRow row, IReadOnlyList<ThreadMessageRow>? messages) => new(
        row.Id, row.Title, row.Target, row.CreatedBy, row.CreatedAt, row.UpdatedAt, messages is null ? null : [.. messages.Select(ToResponse)]);

    private static ThreadMessageResponse ToResponse(ThreadMessageRow row) => new(
        row.Id,
        row.Role,
        row.Content,
        row.RunId,
        row.Passages is { } passages ? JsonSerializer.Deserialize<IReadOnlyList<ThreadPassage>>(passages, JsonSerializerOptions.Web) : null,
        row.CreatedAt,
        row.Steps is { } steps ? JsonSerializer.Deserialize<IReadOnlyList<ThreadStep>>(steps, JsonSerializerOptions.Web) : null);

    private static ThreadMessageRow Message(Guid thread, string role, string content, DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(now),
        ThreadId = thread,
        Role = role,
        Content = StorableText.Clean(content),
        CreatedAt = now,
    };

    /// <summary>The pairs of question and answer before the newest question: models want the two in turn, and a question that found no answer has none.</summary>
    private static List<ThreadMessageRow> Answered(IReadOnlyList<ThreadMessageRow> messages)
    {
        var history = new List<ThreadMessageRow>();
        for (var i = 0; i + 1 < messages.Count; i++)
        {
            if (messages[i].Role == User && messages[i + 1].Role == Assistant)
            {
                history.Add(messages[i]);
                history.Add(messages[i + 1]);
            }
        }

        return history;
    }

    private static string Title(string question)
    {
        var line = question.ReplaceLineEndings(" ");
        return line.Length <= TitleFromMessage ? line : $"{StorableText.Start(line, TitleFromMessage - 1).TrimEnd()}…";
    }
}
