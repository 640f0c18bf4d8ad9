using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace EdgeFleet.ControlPlane.Data.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class AlertBoxes : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "BoxesJson",
                table: "Alerts",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<double>(
                name: "Score",
                table: "Alerts",
                type: "REAL",
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "BoxesJson",
                table: "Alerts");

            migrationBuilder.DropColumn(
                name: "Score",
                table: "Alerts");
        }
    }
}
