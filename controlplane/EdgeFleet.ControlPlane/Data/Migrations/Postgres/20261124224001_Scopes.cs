using System.Collections.Generic;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace EdgeFleet.ControlPlane.Data.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class Scopes : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<List<string>>(
                name: "Sites",
                table: "Users",
                type: "text[]",
                nullable: false);

            migrationBuilder.AddColumn<string>(
                name: "Role",
                table: "ApiTokens",
                type: "text",
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "Sites",
                table: "Users");

            migrationBuilder.DropColumn(
                name: "Role",
                table: "ApiTokens");
        }
    }
}
