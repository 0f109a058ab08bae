using Templater.Pipeline.Routing;
using static Templater.Pipeline.Rendering.Model.ModelValues;

namespace Templater.Pipeline.Rendering.Model;

/// <summary>What templates see of those who are asked about requests. All of it is the operator's.</summary>
internal static class ForwardAuthModel
{
    public static readonly ModelObject<ForwardAuth> Asked = new("forward_auth",
    [
        new("name", Plain, "The name by which labels choose it: lower-case letters, digits and hyphens.", asked => OwnText(asked.Name)),
        new("secure", Flag, "Whether it is asked over TLS.", asked => Truth(asked.IsSecure)),
        new("address", Plain.OrNull(), "Its address, as it stands in front of a port; null when the proxy has to look its host up.", asked => PlainText(RouteModel.Bracketed(asked.Address))),
        new("host", Plain, "Its name or address, as it stands in front of a port.", asked => OwnText(RouteModel.Bracketed(asked.Host))),
        new("port", Number, "Its port.", asked => Whole(asked.Port)),
        new("path", Plain, "Path, with a query if there is one, of characters that no proxy takes for syntax.", asked => OwnText(asked.Path)),
        new("login", Plain.OrNull(), "Where people are sent who are to log in, unless its answer says another place; null = nowhere.", asked => OwnText(asked.Login)),
        new("headers", PlainList, "Headers of its answer that are passed on to the container; what clients say in them must not be.", asked => PlainTexts(asked.Headers)),
    ]);
}
