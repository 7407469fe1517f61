using AiFactory.Builder.Models;
using AiFactory.Contracts.OpenAI;

namespace AiFactory.Builder.Steps;

/// <summary>What a model or an agent is asked, from the messages and the question that came in.</summary>
internal static class Conversation
{
    /// <summary>The conversation; a question takes the place of the last message, for it is that message made into what the model shall read.</summary>
    /// <param name="port">Where the question comes in.</param>
    internal static List<ChatRequestMessage> Of(StepInputs inputs, string port)
    {
        var messages = inputs.First("messages") is { } given ? PortValues.Messages(given).ToList() : [];
        if (inputs.Text(port) is { } question)
        {
            if (messages is [.., { Role: "user" }])
            {
                messages.RemoveAt(messages.Count - 1);
            }

            messages.Add(("user", question));
        }

        return messages.ConvertAll(message => ModelMessages.Of(message.Role, message.Content));
    }
}
