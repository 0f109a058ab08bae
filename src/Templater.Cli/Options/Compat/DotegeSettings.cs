using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Templater.Pipeline.Routing;

namespace Templater.Cli.Options;

/// <summary>What only Dotege has a setting for: it has that program's name and no other, and no flag.</summary>
internal static class DotegeSettings
{
    private const string Legal = "a list in YAML or JSON of at most 1000 users, each with name, password (a hash) and, if it is in any, groups";
    private const int MaxUsers = 1000;

    public static readonly SettingDefinition<ImmutableArray<GroupedUser>> Users = new(
        "DOTEGE_USERS", SettingGroup.Routing, new SettingType<ImmutableArray<GroupedUser>>(Legal, TryUsers), "users of labels that name groups")
    {
        Unset = [],
        IsSecret = true,
    };

    private static bool TryUsers(string text, [MaybeNullWhen(false)] out ImmutableArray<GroupedUser> users, out string? hint)
    {
        users = [];
        var read = new SortedDictionary<string, GroupedUser>(StringComparer.Ordinal);
        hint = null;
        try
        {
            if (YamlTree.Read("DOTEGE_USERS", text) is not YamlNode.Sequence { Items.Count: > 0 and <= MaxUsers } list)
                return false;
            foreach (var item in list.Items)
            {
                if (UserOf(item) is not { } user)
                    return false;
                hint = user.Problem("DOTEGE_USERS") ?? (read.TryAdd(user.Name, user) ? null : $"The user {VisibleText.Of(user.Name)} is there twice.");
                if (hint is not null)
                    return false;
            }
        }
        catch (YamlMistakeException)
        {
            // What the parser says of a text may repeat it.
            return false;
        }

        users = [.. read.Values];
        return true;
    }

    private static GroupedUser? UserOf(YamlNode node)
    {
        if (node is not YamlNode.Mapping mapping)
            return null;
        var (name, password) = ("", "");
        ImmutableArray<string> groups = [];
        foreach (var (key, value) in mapping.Entries)
        {
            switch (key.Text, value)
            {
                case ("name", YamlNode.Scalar { Text: { } text }):
                    name = text;
                    break;
                case ("password", YamlNode.Scalar { Text: { } text }):
                    password = text;
                    break;
                case ("groups", YamlNode.Scalar { Text: null }):
                    break;
                case ("groups", YamlNode.Sequence list) when list.Items.All(static item => item is YamlNode.Scalar { Text: not null }):
                    groups = [.. list.Items.Select(static item => ((YamlNode.Scalar)item).Text!)];
                    break;
                default:
                    return null;
            }
        }

        return new GroupedUser(name, password, groups);
    }
}
