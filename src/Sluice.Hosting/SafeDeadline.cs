using Sluice.Options;

namespace Sluice.Hosting;

/// <summary>Creates deadlines of what a peer can hold up.</summary>
internal static class SafeDeadline
{
    /// <summary>Creates a deadline on the clock of the selector; on the system's if that one, which may be the user's, throws.</summary>
    public static Deadline Create(TimeSpan timeout, TimeProvider timeProvider, CancellationToken caller)
    {
        try
        {
            return new Deadline(timeout, timeProvider, caller);
        }
        catch (Exception) when (!ReferenceEquals(timeProvider, TimeProvider.System))
        {
            return new Deadline(timeout, TimeProvider.System, caller);
        }
    }
}
