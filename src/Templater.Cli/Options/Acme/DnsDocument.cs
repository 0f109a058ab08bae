using System.Globalization;
using System.Text;
using Templater.Acme.Dns.Providers;

namespace Templater.Cli.Options;

/// <summary>The DNS providers that are known, with their variables, as the Markdown that the documentation holds.</summary>
internal static class DnsDocument
{
    /// <summary>The table: each provider, below it its variables.</summary>
    public static string Markdown()
    {
        var text = new StringBuilder("| provider, variable | meaning |\n|---|---|\n");
        foreach (var provider in DnsProviders.All)
        {
            text.Append(CultureInfo.InvariantCulture, $"| **`{provider.Code}`** | **{provider.Title}** |\n");
            foreach (var variable in provider.Variables)
                text.Append(CultureInfo.InvariantCulture, $"| `{variable.Name}`{(variable.Alias is { } alias ? $", `{alias}`" : "")} | {variable.Description} |\n");
        }

        return text.ToString();
    }
}
