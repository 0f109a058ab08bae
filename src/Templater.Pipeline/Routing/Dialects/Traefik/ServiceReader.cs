using System.Collections.Immutable;
using Templater.Pipeline.Routing.Names;

namespace Templater.Pipeline.Routing.Dialects.Traefik;

/// <summary>Finds and reads the service of a router.</summary>
internal static class ServiceReader
{
    private const string DefaultCookie = "SERVERID";
    private const string Cookie = "loadbalancer.sticky.cookie";

    /// <summary>Reads it.</summary>
    /// <param name="services">The container's services.</param>
    /// <param name="wanted">The router's option that names one; null = it has none.</param>
    /// <param name="problem">Why it cannot be honoured.</param>
    public static ServiceWords Read(ImmutableArray<TraefikObject> services, TraefikOption? wanted, out LabelProblem? problem)
    {
        var words = new ServiceWords();
        if (Find(services, wanted, out problem) is not { } service)
            return words;
        var isSticky = false;
        foreach (var option in service.Options)
        {
            var isGood = true;
            switch (option.Key)
            {
                case "loadbalancer.server.port":
                    isGood = Quantities.TryPort(option.Value, out var port);
                    problem ??= isGood ? null : LabelProblem.Expected(option, Quantities.LegalPort, ReasonIds.InvalidPort);
                    words = words with { Port = port };
                    break;
                case "loadbalancer.server.scheme":
                    UpstreamProtocol? protocol = option.Value.ToLowerInvariant() switch { "http" => UpstreamProtocol.Http, "https" => UpstreamProtocol.Https, "h2c" => UpstreamProtocol.H2c, _ => null };
                    problem ??= protocol is null ? LabelProblem.Expected(option, "http, https or h2c") : null;
                    words = words with { Protocol = protocol ?? default };
                    break;
                case "loadbalancer.passhostheader":
                    isGood = TraefikWords.TryTruth(option.Value, out var passes);
                    problem ??= isGood && passes ? null : LabelProblem.Unsupported(option, "only true is supported");
                    break;
                case Cookie:
                    isGood = TraefikWords.TryTruth(option.Value, out isSticky);
                    problem ??= isGood ? null : LabelProblem.Expected(option, TraefikWords.LegalTruth);
                    break;
                case Cookie + ".name":
                    isGood = HeaderSyntax.IsToken(option.Value);
                    isSticky |= isGood;
                    problem ??= isGood ? null : LabelProblem.Expected(option, "the name of a cookie");
                    words = words with { Cookie = isGood ? option.Value : "" };
                    break;
                default:
                    problem ??= LabelProblem.Unsupported(option, "this option of a service is not supported");
                    break;
            }
        }

        return words with { Cookie = !isSticky ? "" : words.Cookie.Length > 0 ? words.Cookie : DefaultCookie };
    }

    // As Traefik does: the one that is named, else the only one, else the container itself.
    private static TraefikObject? Find(ImmutableArray<TraefikObject> services, TraefikOption? wanted, out LabelProblem? problem)
    {
        problem = null;
        if (wanted is null)
        {
            if (services.Length > 1)
                problem = new LabelProblem(null, ReasonIds.InvalidValue, "it names no service, and the container has several");
            return services.Length == 1 ? services[0] : null;
        }

        if (TraefikWords.LocalName(wanted.Value) is not { } name)
        {
            problem = LabelProblem.Unsupported(wanted, "services of other providers are not known here");
            return null;
        }

        foreach (var service in services)
            if (service.Name == name)
                return service;
        problem = LabelProblem.Unsupported(wanted, "no label of this container describes that service");
        return null;
    }
}
