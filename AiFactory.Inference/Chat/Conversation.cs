using AiFactory.Inference.Templates.Values;

namespace AiFactory.Inference.Chat;

/// <summary>What a chat template is given.</summary>
/// <param name="Tools">As the request has them; null when the model shall not see any.</param>
/// <param name="TemplateArguments">Further variables: the request's <c>chat_template_kwargs</c>.</param>
internal sealed record Conversation(IReadOnlyList<ChatTurn> Turns, ListValue? Tools = null, MapValue? TemplateArguments = null);
