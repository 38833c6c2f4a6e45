using System.Globalization;
using Sluice.Cli.Output;

namespace Sluice.Cli.Recording;

/// <summary>Shows on a terminal how far a replay is.</summary>
internal sealed class ReplayProgress(IReadOnlyList<ReplayedConversation> conversations, bool isWanted)
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);

    private readonly Progress _progress = new(isWanted);

    /// <summary>Shows it each second until a task has ended.</summary>
    public async Task RunAsync(Task replaying)
    {
        long all = conversations.Sum(one => one.ToSend);
        while (_progress.IsShown && await Task.WhenAny(replaying, Task.Delay(s_interval)) != replaying)
        {
            long sent = conversations.Sum(one => one.Sent);
            _progress.Show(string.Create(
                CultureInfo.InvariantCulture,
                $"{conversations.Count(one => one.HasEnded)} of {conversations.Count} connections ended, {Quantity.Text(sent)} of {Quantity.Text(all)} sent"));
        }

        _progress.Clear();
    }
}
