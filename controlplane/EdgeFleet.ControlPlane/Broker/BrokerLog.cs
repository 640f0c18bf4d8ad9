using MQTTnet.Diagnostics.Logger;

namespace EdgeFleet.ControlPlane.Broker;

/// <summary>What the MQTT library has to say, from warnings up. Connections that break are the daily life of boards and no error of ours.</summary>
internal sealed partial class BrokerLog(ILogger<BrokerLog> log) : IMqttNetLogger
{
    public bool IsEnabled => true;

    public void Publish(MqttNetLogLevel logLevel, string source, string message, object[]? parameters, Exception? exception)
    {
        if (logLevel is not (MqttNetLogLevel.Warning or MqttNetLogLevel.Error))
            return;

        var text = parameters is { Length: > 0 } ? string.Format(System.Globalization.CultureInfo.InvariantCulture, message, parameters) : message;
        if (exception is null or IOException or OperationCanceledException or ObjectDisposedException or Microsoft.AspNetCore.Connections.ConnectionAbortedException)
            Log.Said(log, source, text, exception?.Message);
        else
            Log.Failed(log, source, text, exception);
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Debug, "{Source}: {Text} {Reason}")]
        public static partial void Said(ILogger logger, string source, string text, string? reason);

        [LoggerMessage(LogLevel.Warning, "{Source}: {Text}")]
        public static partial void Failed(ILogger logger, string source, string text, Exception exception);
    }
}
