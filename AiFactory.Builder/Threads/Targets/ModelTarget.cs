using System.Text;
using AiFactory.Builder.Models;
using AiFactory.Contracts.OpenAI;

namespace AiFactory.Builder.Threads.Targets;

internal sealed class ModelTarget(ModelGateway models) : IThreadTarget
{
    public string Kind => ThreadTarget.Model;

    public async Task<ThreadAnswer> AnswerAsync(ThreadTurn turn, Func<ThreadProgress, ValueTask> report, CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        try
        {
            var request = new ChatCompletionRequest { Model = turn.Target.Name, Messages = ThreadConversation.Messages(turn) };
            await foreach (var chunk in models.StreamAsync(turn.Thread.Project, request, cancellationToken))
            {
                if (chunk.Choices is [{ Delta.Content: { Length: > 0 } piece }, ..])
                {
                    text.Append(piece);
                    await report(new ThreadProgress.Text(piece));
                }
            }

            return new ThreadAnswer(text.ToString());
        }
        catch (ModelCallException error)
        {
            throw new ThreadAnswerException(error.Message, error.Status ?? StatusCodes.Status502BadGateway, error.Code, error);
        }
    }
}
